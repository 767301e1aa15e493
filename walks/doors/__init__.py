"""What hangs at the doors of rooms: signs with a QR code for colleagues."""
