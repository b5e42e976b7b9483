"""A front desk in the browser: a small server-rendered page over the library, on SQLite.

Run it from a clone: ``python -m examples.front_desk``. See ``docs/how-to/front-desk.md``.
"""
