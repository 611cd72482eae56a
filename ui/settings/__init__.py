"""The settings window: pages that render a SettingsView and emit what the person wants."""
