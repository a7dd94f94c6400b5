"""The routes, by subject. Every one declares its roles and the audit event that it records (declared.py)."""
