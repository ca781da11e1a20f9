"""What the tests of the real binary share: a server to start and kill, a client, the contract, event streams."""
