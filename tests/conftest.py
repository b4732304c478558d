from pathlib import Path

import pytest
from hypothesis import settings

# The first example of a process pays for imports, and the machine may be busy.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what shares a fixture in one process of `make test`: a file, and all tests of the one environment."""
    tests = Path(__file__).parent
    for item in items:
        path = item.path.relative_to(tests)
        group = path.parts[0] if path.parts[0] == "end_to_end" else str(path)
        item.add_marker(pytest.mark.xdist_group(group))
