"""The directory of partner libraries: what holds for its values, its figures, and its way in and out as CSV."""
