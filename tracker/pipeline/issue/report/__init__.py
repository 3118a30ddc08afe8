"""What only the monthly report loads: charts, histories and notes."""
