"""What people do with customers and contacts."""
