"""What the service answers with: the bodies of answers, in camelCase, lists wrapped, by subject."""
