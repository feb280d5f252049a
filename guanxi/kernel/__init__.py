"""The idea: records, fields, actions, rights and history, declared once and derived everywhere."""
