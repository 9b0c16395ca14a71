"""Holds the objects of other writers against what two other readers say of them; ``make corpus`` prints the table."""
