"""The Review queue page: deciding cases blind, figures about people, and what becomes of decided cases."""
