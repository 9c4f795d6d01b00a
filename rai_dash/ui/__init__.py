"""The only room that knows Streamlit: shell, state, widgets, upload, text."""
