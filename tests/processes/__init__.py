"""Real processes for benchmarks, fault and end-to-end tests: PostgreSQL, Redis, web, worker; started, killed, measured.

    with new_folder() as folder, real_servers(folder) as servers, installation(folder, servers) as perkhub:
        perkhub.migrate()
        web, worker = perkhub.serve(), perkhub.worker()
        web.graphql(token).ask("{ shop { currency } }")
        web.child.kill()
        servers.kill_postgres()
        servers.revive()
        assert perkhub.audit()["clean"]

Nothing here imports the domain: what is driven is what a stranger would install.
"""

from tests.processes.child import Child, ProcessFailed
from tests.processes.folders import new_folder
from tests.processes.graphql import GraphQL, Refused
from tests.processes.installation import Installation, Web, installation, own_servers, production
from tests.processes.memory import MemoryWatch
from tests.processes.ports import free_port
from tests.processes.servers import RealServers, given_servers, real_servers

__all__ = [
    "Child",
    "GraphQL",
    "Installation",
    "MemoryWatch",
    "ProcessFailed",
    "RealServers",
    "Refused",
    "Web",
    "free_port",
    "given_servers",
    "installation",
    "new_folder",
    "own_servers",
    "production",
    "real_servers",
]
