"""The demos: their files, and the walk through a whole delivery."""
