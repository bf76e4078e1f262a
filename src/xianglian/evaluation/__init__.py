"""Measuring: what a network does under load, told so that somebody else can repeat it."""
