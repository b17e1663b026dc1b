"""What is not GraphQL: uploads, callbacks, tokens for machines, health, metrics, and the trail that every request leaves."""
