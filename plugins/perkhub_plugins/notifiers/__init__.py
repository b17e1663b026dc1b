"""Ways to send messages that come with Perkhub."""
