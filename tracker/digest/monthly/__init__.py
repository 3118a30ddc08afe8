"""What only the monthly report has: figures, boards, and what became of the month before."""
