"""Settings of the knowledge base process, from the environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError, computed_field
from pydantic_settings import BaseSettings, SettingsConfigDict

import service
from encoder.joint import JointEncoder
from encoder.model import UNIVERSAL, load


class SettingsError(ValueError):
    """A setting is wrong; the message is one sentence that names it."""


class KnowledgeBaseSettings(BaseSettings):
    """Each field is the environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    port: int = Field(8080, ge=1, le=65532, description="public port; this process listens on PORT + 3")
    knowledge_base_port: int | None = Field(None, ge=0, le=65535, description="its own port, when not PORT + 3")
    relais_host: str = Field("127.0.0.1", description="address to listen on")
    relais_var: Path = Field(Path("var"), description="folder for what the process writes")
    relais_models: Path = Field(Path("var/models"), description="folder of built models")
    embedding_model: str = Field("", description="sentence-transformers name or folder; empty: the built default")
    second_embedding_model: str = Field(
        UNIVERSAL, description="a small encoder asked beside the first, name or folder; none: the first alone"
    )
    knowledge_base_articles: Path = Field(Path("var/articles"), description="folder of the published articles")
    # Not a Path: an empty one would be the folder that the process runs in.
    trees_folder: str = Field("", description="folder of the published decision trees; empty: var/trees")
    knowledge_base_threads: int = Field(1, ge=1, le=64, description="cores that encoding one text may use")
    service_file: Path = Field(Path("service.yml"), description="the company's decisions")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="least severe line to log")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def listen_port(self) -> int:
        """Where the process listens."""
        return self.port + 3 if self.knowledge_base_port is None else self.knowledge_base_port

    @property
    def model(self) -> str:
        """Name or folder of the encoder."""
        return self.embedding_model or str(self.relais_models / "multilingual-e5-small")

    @property
    def vector_folder(self) -> Path:
        """Where vectors are kept."""
        return self.relais_var / "vectors"

    @property
    def studio_file(self) -> Path:
        """Where drafts are kept."""
        return self.relais_var / "studio.db"

    @property
    def published_trees(self) -> Path:
        """Where published trees lie."""
        return Path(self.trees_folder or self.relais_var / "trees")

    @property
    def trees_file(self) -> Path:
        """Where drafts of trees are kept."""
        return self.relais_var / "studio-trees.db"

    def encoder(self, *, threads: int) -> JointEncoder:
        """The encoders that are asked together. Raises EncoderError."""
        second = self.second_embedding_model.strip()
        names = [self.model] if second.lower() in ("", "none") else [self.model, second]
        return JointEncoder([load(name, threads=threads) for name in names])

    def company(self) -> service.Service:
        """The company's file. Raises SettingsError."""
        try:
            return service.load(self.service_file)
        except service.ServiceError as error:
            raise SettingsError(str(error)) from error


def load_settings() -> KnowledgeBaseSettings:
    """From the environment. Raises SettingsError with a sentence for the first wrong value."""
    try:
        return KnowledgeBaseSettings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "A setting"
        raise SettingsError(f"{name} is wrong: {first['msg']} (it is {first.get('input')!r}).") from error
