"""Drawing on paper and label stock, and the frozen content it draws; knows no database."""
