"""Pages on how the service does: inquiries, figures, quality, switches."""
