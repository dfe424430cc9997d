"""The Thrift record of a request, and the failed event of one that is too large. May import `request` and `wire`."""
