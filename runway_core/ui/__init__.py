"""What a person sees. The only package, besides the pages, that imports Streamlit."""
