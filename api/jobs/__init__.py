"""Durable jobs: questions asked of stored problems, answered by workers in processes of their own."""
