"""Breaks valid objects in ways nobody thought of and sees whether the core answers as it should; ``make fuzz`` runs it."""
