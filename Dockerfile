# Glassnet as one container: docker build -t glassnet . && docker run -p 8501:8501 glassnet
# More in docs/hosting.md.  Whatever is copied here has to be let through in .dockerignore.
FROM python:3.12-slim

WORKDIR /app

# The packages before the app: they change seldom, and their layer is kept.
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

COPY LICENSE app.py ./
COPY .streamlit/config.toml .streamlit/
COPY assets assets
COPY core core
COPY pages pages
COPY ui ui
# Once now, not at every start: who runs it may not write here.
RUN python -m compileall -q app.py core pages ui

ENV PORT=8501 \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    STREAMLIT_SERVER_FILE_WATCHER_TYPE=none \
    STREAMLIT_SERVER_HEADLESS=true
# Nobody, as a number: some hosts look whether it is not root's.
USER 65534
EXPOSE 8501
HEALTHCHECK --start-period=60s --timeout=5s CMD ["python", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/_stcore/health', timeout=4)"]
CMD ["sh", "-c", "exec streamlit run app.py --server.port=$PORT"]
