"""What opens in the browser: notebooks in JupyterLab, the form as a page of its own."""
