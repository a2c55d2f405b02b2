"""Workers that die, hang, are far away, are interrupted or warn."""
