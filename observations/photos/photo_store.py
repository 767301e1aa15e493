"""Photos in an S3 store instead of DATA_DIR/media. Only the web server reads the store; no links point to it.

Its errors are raised as OSError, as a disk's are, so that rules handle one kind of error.
"""

from __future__ import annotations

import errno
import functools
import threading
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
from django.core.files.base import ContentFile
from storages.backends.s3 import S3Storage

# If the store does not answer, one page waits for some seconds. Then the store is not asked for a while, so that the
# next pages do not wait.
CLIENT_CONFIG = Config(
    connect_timeout=2,
    read_timeout=3,
    retries={"total_max_attempts": 2, "mode": "standard"},
    max_pool_connections=16,
    request_checksum_calculation="when_required",  # not every store knows the newer checksums
    response_checksum_validation="when_required",
)
PAUSE_SECONDS = 10.0  # without tries, after the store did not answer
NO_SUCH_OBJECT = {"404", "NoSuchKey", "NotFound"}
NO_ACL = {"AccessControlListNotSupported", "NotImplemented"}  # such a bucket is private to its owner


def like_a_disk(method: Callable[..., Any]) -> Callable[..., Any]:
    """Raise the errors of the store's library as OSError. Fail at once during the pause after a missing answer."""

    @functools.wraps(method)
    def wrapped(self: PhotoStore, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < self.paused_until:
            raise OSError(errno.EHOSTDOWN, "The photo store did not answer a moment ago.")
        try:
            return method(self, *args, **kwargs)
        except ClientError as error:
            if error.response["Error"]["Code"] in NO_SUCH_OBJECT:
                raise FileNotFoundError(errno.ENOENT, "The photo store has no such object.") from error
            raise OSError(errno.EIO, f"The photo store says {error.response['Error']['Code']}.") from error
        except (HTTPClientError, ConnectionError) as error:
            self.paused_until = time.monotonic() + PAUSE_SECONDS
            raise OSError(errno.EHOSTDOWN, f"The photo store does not answer ({type(error).__name__}).") from error
        except BotoCoreError as error:
            raise OSError(errno.EIO, f"The photo store cannot be used ({type(error).__name__}).") from error

    return wrapped


class PhotoStore(S3Storage):
    """django-storages' S3: private objects, one connection pool per process, names that are never reused."""

    default_acl: str | None

    def __init__(self, **settings: Any) -> None:
        self.paused_until = 0.0
        self._connection_lock = threading.Lock()
        self._shared_connection = None
        super().__init__(**settings)

    def get_default_settings(self) -> dict[str, Any]:
        """Private objects, no signed links, short time-outs."""
        ours: dict[str, Any] = {"default_acl": "private", "querystring_auth": False, "client_config": CLIENT_CONFIG}
        usual: dict[str, Any] = super().get_default_settings()
        return usual | ours

    @property
    def connection(self) -> Any:
        """Return one client for all threads. It is thread-safe, and another one would take time and 13 MB."""
        with self._connection_lock:
            if self._shared_connection is None:
                self._shared_connection = self._create_session().resource(
                    "s3", region_name=self.region_name, endpoint_url=self.endpoint_url, config=self.client_config
                )
        return self._shared_connection

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return a unique name without asking the store.

        If an upload is sent twice at once, each request writes its own object, and the second deletes its own.
        """
        root, _, extension = name.rpartition(".")
        unique: str = self.get_alternative_name(root, f".{extension}")
        return unique

    def save(self, name: str, content: Any, max_length: int | None = None) -> str:
        """Write the object under exactly this name."""
        saved: str = self._save(name, content)
        return saved

    def url(self, *args: Any, **kwargs: Any) -> str:
        """Raise an error: photos have no URL in the store, because a view checks who may see them."""
        raise NotImplementedError("A photo in the store has no address of its own.")

    @like_a_disk
    def _save(self, name: str, content: Any) -> str:
        where = {"Bucket": self.bucket_name, "Key": self._normalize_name(name), "ContentType": "image/jpeg"}
        client = self.connection.meta.client
        body = content.read()
        access = {"ACL": self.default_acl} if self.default_acl else {}
        try:
            client.put_object(**where, **access, Body=body)
        except ClientError as error:
            if error.response["Error"]["Code"] not in NO_ACL:
                raise
            self.default_acl = None
            client.put_object(**where, Body=body)
        return name

    @like_a_disk
    def _open(self, name: str, mode: str = "rb") -> ContentFile[bytes]:
        """Read the whole object, so that an error is raised before the response begins."""
        answer = self.connection.meta.client.get_object(Bucket=self.bucket_name, Key=self._normalize_name(name))
        return ContentFile(answer["Body"].read(), name=name)

    def is_public(self, name: str) -> bool:
        """Whether the object can be read without credentials, which means that the bucket's rules are wrong."""
        try:
            with urllib.request.urlopen(super().url(name), timeout=5) as answer:  # noqa: S310 (S3_ENDPOINT_URL is a web address)
                return bool(answer.status == 200)
        except OSError:
            return False

    delete = like_a_disk(S3Storage.delete)
    exists = like_a_disk(S3Storage.exists)
    listdir = like_a_disk(S3Storage.listdir)
    size = like_a_disk(S3Storage.size)
    get_modified_time = like_a_disk(S3Storage.get_modified_time)
