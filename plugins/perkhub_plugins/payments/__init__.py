"""Ways to pay that come with Perkhub."""
