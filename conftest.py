"""One rule for every property test: a busy machine fails none, and a failure prints how to replay it."""

from hypothesis import settings

settings.register_profile("xianglian", deadline=None, print_blob=True)
settings.load_profile("xianglian")
