from hypothesis import settings

# The first example of a process pays for imports, and the machine may be busy.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
