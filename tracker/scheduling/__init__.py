"""Schedule files and due dates, and the scheduler that runs the jobs that are due."""
