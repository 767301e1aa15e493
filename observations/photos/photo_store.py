"""Photos in an S3 store instead of DATA_DIR/media. Only the web server reads it; no links point there.

All its errors are raised as OSError, like those of a disk, so that rules handle one kind of error.
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

# A dead store costs one page some seconds; then it is left alone for a while, so that the next pages do not wait.
PATIENCE = Config(
    connect_timeout=2,
    read_timeout=3,
    retries={"total_max_attempts": 2, "mode": "standard"},
    max_pool_connections=16,
    request_checksum_calculation="when_required",  # not every store knows the newer checksums
    response_checksum_validation="when_required",
)
LEFT_ALONE = 10.0  # seconds
NO_SUCH_OBJECT = {"404", "NoSuchKey", "NotFound"}
TAKES_NO_ACL = {"AccessControlListNotSupported", "NotImplemented"}  # such a bucket is private to its owner


def like_a_disk(method: Callable[..., Any]) -> Callable[..., Any]:
    """Raise the errors of the store's library as OSError."""

    @functools.wraps(method)
    def asked(self: PhotoStore, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < self.left_alone_until:
            raise OSError(errno.EHOSTDOWN, "The photo store did not answer a moment ago.")
        try:
            return method(self, *args, **kwargs)
        except ClientError as error:
            if error.response["Error"]["Code"] in NO_SUCH_OBJECT:
                raise FileNotFoundError(errno.ENOENT, "The photo store has no such object.") from error
            raise OSError(errno.EIO, f"The photo store says {error.response['Error']['Code']}.") from error
        except (HTTPClientError, ConnectionError) as error:
            self.left_alone_until = time.monotonic() + LEFT_ALONE
            raise OSError(errno.EHOSTDOWN, f"The photo store does not answer ({type(error).__name__}).") from error
        except BotoCoreError as error:
            raise OSError(errno.EIO, f"The photo store cannot be used ({type(error).__name__}).") from error

    return asked


class PhotoStore(S3Storage):
    """django-storages' S3: private objects, one connection pool per process, names that are never reused."""

    default_acl: str | None

    def __init__(self, **settings: Any) -> None:
        self.left_alone_until = 0.0
        self._making = threading.Lock()
        self._made = None
        super().__init__(**settings)

    def get_default_settings(self) -> dict[str, Any]:
        """Private objects, no signed links, short patience."""
        ours: dict[str, Any] = {"default_acl": "private", "querystring_auth": False, "client_config": PATIENCE}
        usual: dict[str, Any] = super().get_default_settings()
        return usual | ours

    @property
    def connection(self) -> Any:
        """One client for all threads; it is thread-safe, and each one takes time and 13 MB."""
        with self._making:
            if self._made is None:
                self._made = self._create_session().resource(
                    "s3", region_name=self.region_name, endpoint_url=self.endpoint_url, config=self.client_config
                )
        return self._made

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """A unique name without asking the store. Of an upload sent twice, one may delete its own object."""
        root, _, extension = name.rpartition(".")
        unique: str = self.get_alternative_name(root, f".{extension}")
        return unique

    def save(self, name: str, content: Any, max_length: int | None = None) -> str:
        """Write under exactly this name."""
        saved: str = self._save(name, content)
        return saved

    def url(self, *args: Any, **kwargs: Any) -> str:
        """No URL: photos are shown by their page only, which checks who may see them."""
        raise NotImplementedError("A photo in the store has no address of its own.")

    @like_a_disk
    def _save(self, name: str, content: Any) -> str:
        facts = {"Bucket": self.bucket_name, "Key": self._normalize_name(name), "ContentType": "image/jpeg"}
        client = self.connection.meta.client
        body = content.read()
        try:
            client.put_object(**facts, Body=body, **({"ACL": self.default_acl} if self.default_acl else {}))
        except ClientError as error:
            if error.response["Error"]["Code"] not in TAKES_NO_ACL:
                raise
            self.default_acl = None
            client.put_object(**facts, Body=body)
        return name

    @like_a_disk
    def _open(self, name: str, mode: str = "rb") -> ContentFile[bytes]:
        """Read the whole object, so that an error shows before the response begins."""
        answer = self.connection.meta.client.get_object(Bucket=self.bucket_name, Key=self._normalize_name(name))
        return ContentFile(answer["Body"].read(), name=name)

    def open_to_strangers(self, name: str) -> bool:
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
