"""How image generators paint: the workshop behind the five notebooks.

Importing the package sets the policies for threads, privacy (see `runtime`) and interrupts, looks at the
hub's address, and does nothing else: torch and matplotlib are loaded by the modules that need them, when they
are needed.
"""

from course_utils import interrupts, runtime

__version__ = "0.1.0"

runtime.set_thread_policy()
runtime.set_hub_address()
runtime.set_privacy_policy()
interrupts.guard_imports()
