"""What must be imported before gevent patches the standard library.

watchdog's queue breaks when it is made from gevent's patched `Queue` (TypeError in a thread that
nobody sees; watchdog 7.0 and 7.1 with gevent 26.9), and then no edit is ever noticed. So every
way of starting imports this module in the master, where nothing is patched yet.
"""

import watchdog.observers  # noqa: F401
