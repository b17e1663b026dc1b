"""What suppliers believe that they sold us: read day by day, and compared with our books."""
