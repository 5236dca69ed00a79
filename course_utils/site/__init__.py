"""The pages of the course for any static host, with the painters in them: what a page needs, as files.

The page's own code is `web/`; this room turns checkpoints into what it loads.
"""
