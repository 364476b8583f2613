"""What the project stands on, and what it gives away: pins, licences, the wheel, its bill."""
