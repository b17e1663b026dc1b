"""The domain of Perkhub: digital benefits bought, sealed, sold and handed out. Knows neither GraphQL nor any plugin."""
