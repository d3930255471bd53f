"""Pages for everybody (opne sider)."""
