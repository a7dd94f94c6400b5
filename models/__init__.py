"""What things are: data, rules by name, policy, extracts. Imports nothing else of ours."""
