"""A problem in, a plan out: pure, with no files, no network and no clock but the limit it is given."""
