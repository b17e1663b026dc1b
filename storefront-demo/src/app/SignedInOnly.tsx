// Pages of an account: whoever is not signed in signs in first, and comes back to where they wanted to go.
import { Navigate, Outlet, useLocation } from "react-router";
import { useSession } from "../api/session";
import { Loading } from "../parts/Loading";

export function SignedInOnly() {
  const session = useSession();
  const location = useLocation();
  if (session.status === "unknown") return <Loading />;
  if (session.status === "guest") {
    const next = `${location.pathname}${location.search}`;
    return <Navigate to={`/sign-in?${new URLSearchParams({ next })}`} replace />;
  }
  return <Outlet />;
}
