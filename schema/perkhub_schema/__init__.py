"""The edge of Perkhub: GraphQL over Starlette, uploads, callbacks, health, and the command line. Decides nothing."""
