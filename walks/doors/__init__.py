"""Open doors, to which colleagues come without asking for approval, and signs with a QR code for doors."""
