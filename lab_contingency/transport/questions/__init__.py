"""Questions between laboratories about a request or a tube: asked, due, answered in writing or by telephone."""
