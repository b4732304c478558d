"""How a release gets from one environment to the next: recorded, saved, approved, proven, promoted, rolled back."""
