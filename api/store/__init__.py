"""What the service remembers: problems, jobs, plans, decisions, batches, policies, and who touched whose data.

`Store` (store.py) is the only door. Records go in and come out as the frozen dataclasses of records.py.
"""
