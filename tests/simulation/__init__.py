"""A municipality's year (eit år), lived through the services: families ask, the unit answers,
leaders name, and coordinators register plans that are signed, met about, evaluated and closed."""
