"""The organisation: company, departments, people, their roles — and how they sign in."""
