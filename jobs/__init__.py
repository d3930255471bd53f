"""What runs by itself (arbeidar): the outbox, sealing, clean-up."""
