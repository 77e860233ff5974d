"""Money kept with a network in advance, and what we report to it of our lending (EFTS, RULES.md M3)."""
