"""Known data sets fetched from where they are published: addresses, downloads that go on, archives, Hub tables."""
